"""Who has forgotten the password asks for a link to a new one.

The answer is the same whether there is such an account or not; the letter is written by a job, so that it takes the
same time too. Without mail the page says whom to ask.
"""

from __future__ import annotations

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hanse.apps.accounts import letters, tasks
from hanse.fronts.pages import errors

AN_HOUR = 10  # so many requests an hour from one place; each account is written to three times a day at most
_SECONDS = 3600


class Asked(forms.Form):
    """The address of an account."""

    username = forms.EmailField(max_length=200, widget=forms.EmailInput({"autocomplete": "username"}))


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """The page; sent, a letter is asked for."""
    mails = letters.sent()
    form = Asked(request.POST if request.method == "POST" and mails else None)
    done = False
    if form.is_bound and form.is_valid():
        if _too_often(request):
            return errors.page(request, 429)
        address = request.build_absolute_uri(reverse("accept", args=["TOKEN"])).replace("TOKEN", "{token}")
        tasks.send_forgotten.defer(username=form.cleaned_data["username"], address=address)
        done = True
    status = 400 if form.is_bound and not done else 200
    return render(request, "account/forgotten.html", {"form": form, "done": done, "mails": mails}, status=status)


def _too_often(request: HttpRequest) -> bool:
    """Has this place asked too often within the hour? Counted in each process by itself."""
    key = f"forgotten:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, _SECONDS)
    return int(cache.incr(key)) > AN_HOUR
