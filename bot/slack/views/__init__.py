"""Cards, reports and questions as Block Kit. Pure: values in, blocks out, every limit of Slack's kept."""
