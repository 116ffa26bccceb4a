from tests.sandbox.client import Remote, talk


def test_every_answer_carries_business_time_once() -> None:
    async def script(remote: Remote) -> list[str]:
        await remote.wait(3600)
        return (await remote.get("orders")).headers.get_list("date")

    assert talk(script) == ["Mon, 02 Mar 2026 13:00:00 GMT"]


def test_errors_carry_it_too() -> None:
    async def script(remote: Remote) -> list[str]:
        return (await remote.get("nowhere")).headers.get_list("date")

    assert talk(script) == ["Mon, 02 Mar 2026 12:00:00 GMT"]


def test_a_slash_too_many_is_not_redirected() -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("orders/")).status_code

    assert talk(script) == 404
