"""Opens the pages of servers in a browser, and notes whom they ask and what they complain about."""

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from served import Running

_REFUSED = "the server responded with a status"


class Opener:
    """Opens pages, each in a context of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        """Errors of scripts, and what the console shows: also what the Content-Security-Policy forbids."""
        self.asked: list[str] = []
        """The addresses of all requests."""
        self.foreign: list[str] = []
        """Those that are not the server's; the page's own blobs are no requests to anyone."""

    def __call__(self, server: Running, *, width: int = 1000, dark: bool = False, failing: bool = False) -> Page:
        """Opens a server's page; ``failing`` allows answers that are failures, which the console shows."""
        scheme = "dark" if dark else "light"
        context = self._browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
        self._contexts.append(context)

        def ask(url: str) -> None:
            self.asked.append(url)
            if not url.startswith((f"{server.url}/", f"blob:{server.url}/")):
                self.foreign.append(url)

        def told(message: ConsoleMessage) -> None:
            if not (failing and (_REFUSED in message.text or "net::ERR_FAILED" in message.text)):
                self.complaints.append(message.text)

        context.on("request", lambda request: ask(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", told)
        page.goto(server.url)
        return page

    def close(self) -> None:
        """Closes all pages."""
        for context in self._contexts:
            context.close()
