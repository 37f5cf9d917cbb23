"""A line to the shop that loses what it is told to lose."""

import httpx


class LossyLine(httpx.AsyncBaseTransport):
    """Sends requests on; the next one that holds `word` gets no answer, although the shop has executed it.

    Attributes:
        requests: all that were sent.
    """

    def __init__(self) -> None:
        self._shop = httpx.AsyncHTTPTransport()
        self._lost: list[str] = []
        self.requests: list[httpx.Request] = []

    def forget(self) -> None:
        self._lost.clear()
        self.requests.clear()

    def lose_answer_to(self, word: str) -> None:
        self._lost.append(word)

    def count(self, word: str) -> int:
        return sum(word.encode() in request.content for request in self.requests)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.requests.append(request)
        response = await self._shop.handle_async_request(request)
        for word in self._lost:
            if word.encode() in body:
                self._lost.remove(word)
                await response.aread()
                await response.aclose()
                raise httpx.ReadTimeout("the answer got lost", request=request)
        return response

    async def aclose(self) -> None:
        await self._shop.aclose()
