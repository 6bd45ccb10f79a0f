"""The golden signals of a service: how they are asked for, compared and judged. Pure: no port, no clock, no network."""
