from tests.end_to_end.test_kill_points import *
from sqlalchemy import text
import time
async def test_dbg(outpost):
    town, program = outpost
    point = POINTS[1]
    t=time.time()
    program.condemn("label", point)
    placed = town.visitor.order("ship")["id"]
    await town.pull()
    await program.until_dead(); print("dead", time.time()-t)
    program.start()
    try:
        await town.until_closed(placed, 45)
        print("closed", time.time()-t)
    finally:
        async with town.house.engine.connect() as c:
            for q in ("select inbox_id, party, source, state, code, received_at, finished_at from inbox", "select * from tracking_events","select cause,since from waits", "select key,state,token,sent_at,settled_at from effects"):
                try:
                    for r in (await c.execute(text(q))).mappings(): print(dict(r))
                except Exception as e: 
                    print(q, str(e)[:300]); await c.rollback()
        for e in town.visitor.get("/journal")["entries"]: print(e["seq"], e["at"], e["kind"], e.get("status",""), e.get("detail",""))
