"""The read side: what operators ask the record, one statement a question, in a snapshot that changes nothing."""
