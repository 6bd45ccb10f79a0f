"""Cards, reports and answers as text for a terminal. Pure: values in, text out."""
