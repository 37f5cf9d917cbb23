"""Amazon's words for feeds, listings and notifications: the fields we use of what it says."""

from __future__ import annotations

from pydantic import AliasChoices, AliasPath, BaseModel, Field

from adapters.marketplaces.amazon.wire import Rows, Said, Told


class NewDocument(Told):
    """Where a feed's content is to be put."""

    feed_document_id: str = Field(min_length=1)
    url: str


class NewFeed(Told):
    """A feed that was taken on."""

    feed_id: str = Field(min_length=1)


class Feed(Told):
    """How far a feed is."""

    feed_id: str
    processing_status: str
    result_feed_document_id: Said = ""


class StoredDocument(Told):
    """Where a feed's result lies."""

    url: str
    compression_algorithm: Said = ""


class Issue(Told):
    """What is wrong with a listing; of a feed's report, in which message."""

    sku: Said = ""
    code: Said = ""
    severity: str


class Report(Told):
    """What became of the messages of a listings feed."""

    issues: Rows[Issue] = Field(default_factory=list[Issue])


class Submission(Told):
    """What became of one listing's change."""

    status: str
    issues: Rows[Issue] = Field(default_factory=list[Issue])


class Notification(BaseModel):
    """A message in the queue; some kinds are written in capitals."""

    kind: str = Field(validation_alias=AliasChoices("NotificationType", "notificationType"))


_CHANGE = ("Payload", "OrderChangeNotification")


class OrderChange(BaseModel):
    """An order changed; the status is its new one."""

    order_id: str = Field(validation_alias=AliasPath(*_CHANGE, "AmazonOrderId"))
    status: Said = Field(default="", validation_alias=AliasPath(*_CHANGE, "Summary", "OrderStatus"))


class Message(BaseModel):
    """One message as the queue gives it."""

    receipt: str = Field(validation_alias="ReceiptHandle")
    body: str = Field(validation_alias="Body")


class Messages(BaseModel):
    """Some of the messages that lie there."""

    messages: Rows[Message] = Field(default=[], validation_alias="Messages")
