"""Is the address of a mail server read as it is meant, and is a wrong one refused without repeating its password?"""

from __future__ import annotations

import pytest

from hanse.installation.mail import configured
from hanse.language.problems import CallError


def test_without_an_address_nothing_is_sent() -> None:
    found = configured({})
    assert not found.sends
    assert found.settings["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


def test_a_server_with_a_name_a_password_and_encryption() -> None:
    found = configured({
        "HANSE_MAIL_URL": "smtp://ann%40vendor.example:p%3Aw@mail.example:587?tls=1",
        "HANSE_MAIL_FROM": "Partners <partners@vendor.example>",
    })  # fmt: skip
    assert found.sends
    assert found.sender == "Partners <partners@vendor.example>"
    kept = {name: found.settings[f"EMAIL_{name}"] for name in ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS")}
    assert kept == {
        "HOST": "mail.example", "PORT": 587, "HOST_USER": "ann@vendor.example", "HOST_PASSWORD": "p:w", "USE_TLS": True,
    }  # fmt: skip
    assert not found.settings["EMAIL_USE_SSL"]


def test_the_usual_port_of_each_kind() -> None:
    for url, port in (("smtp://mail.example", 25), ("smtps://mail.example", 465)):
        assert configured({"HANSE_MAIL_URL": url}).settings["EMAIL_PORT"] == port
    assert configured({"HANSE_MAIL_URL": "smtps://mail.example"}).settings["EMAIL_USE_SSL"]


def test_a_folder_to_try_it_out() -> None:
    assert configured({"HANSE_MAIL_URL": "file:///var/mail%20box"}).settings["EMAIL_FILE_PATH"] == "/var/mail box"


@pytest.mark.parametrize("url", ["mail.example", "smtp://", "http://u:secret@mail.example", "smtp://u:secret@m:99999"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CallError) as said:
        configured({"HANSE_MAIL_URL": url})
    assert "secret" not in str(said.value)
    assert "HANSE_MAIL_URL" in str(said.value)
