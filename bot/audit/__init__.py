"""What makes the audit log provable to outsiders: signed heads, a memory outside the database, exports, evidence."""
