FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /srv/marketcron

# First what changes seldom: these layers are kept while the locks stay the same.
COPY requirements.txt requirements-build.txt ./
RUN pip install --require-hashes -r requirements.txt -r requirements-build.txt

# Editable, because the migrations lie beside the package.
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY alembic alembic
COPY app app
RUN pip install --no-build-isolation --no-deps --editable . \
    && python -m compileall -q app alembic \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin marketcron \
    && install --directory --owner=marketcron --group=marketcron --mode=700 /data

ENV DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["marketcron"]
CMD ["serve", "--host", "0.0.0.0"]
