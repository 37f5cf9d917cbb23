"""How a gateway is asked."""

from adapters.http import make_client
from adapters.parcels.api import GatewayApi


async def test_a_step_of_a_path_leads_nowhere_else_and_each_request_names_its_limit() -> None:
    async with make_client() as http:
        api = GatewayApi(http, "https://gateway.example/v1/", {"API-Key": "k"})
        request = api.request("GET", "labels", "../a?b", params={"page": 1})
        assert str(request.url) == "https://gateway.example/v1/labels/..%2Fa%3Fb?page=1"
        assert (request.headers["api-key"], request.extensions["operation"]) == ("k", "any")
        assert api.request("GET", "labels", operation="list").extensions["operation"] == "list"
