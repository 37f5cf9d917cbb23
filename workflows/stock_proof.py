"""StockProofWorkflow: one scheduled proof that every reservation has a live owner."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.stock import StockActivities
    from domain.messages import STOCK_PROOF_WORKFLOW
    from workflows.options import PULL_TIMEOUT, RECORD_RETRY


@workflow.defn(name=STOCK_PROOF_WORKFLOW)
class StockProofWorkflow:
    """Started by a schedule, every night; `crossdock stock proof` shows the same."""

    @workflow.run
    async def run(self) -> dict[str, int]:
        """Find doubtful reservations, and release those that are provably nobody's."""
        return await workflow.execute_activity_method(
            StockActivities.prove,
            start_to_close_timeout=PULL_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary="prove that every reservation has a live owner",
        )
