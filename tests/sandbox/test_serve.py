from app.sandbox.serve import server_config


def test_the_server_leaves_the_date_to_the_sandbox() -> None:
    assert server_config(port=9000).date_header is False
