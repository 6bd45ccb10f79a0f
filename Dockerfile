# Two stages: build the environment from the lock file, then only what runs. Every package, uv and the build backend among them, has to
# have the hash that is committed. Non-root; nothing outside /data is written, so that the root file system can be mounted read-only
# (docker run --read-only --tmpfs /tmp -v countersign:/data …). Nothing in it needs a shell.
# With a language model: docker build --build-arg EXTRAS="--extra model" .
FROM python:3.11-slim-bookworm AS build
ARG EXTRAS=""
COPY .ci/bootstrap.txt /tmp/bootstrap.txt
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/bootstrap.txt
WORKDIR /app
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-default-groups --group build --no-install-project $EXTRAS
COPY bot bot
COPY skills skills
COPY integrations integrations
COPY prompts prompts
COPY config config
RUN uv sync --frozen --no-default-groups --group build --no-editable $EXTRAS \
    && uv sync --frozen --no-default-groups --no-editable --offline $EXTRAS

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin countersign \
    && install --directory --owner=countersign --group=countersign --mode=0700 /data
COPY --from=build /app/.venv /app/.venv
COPY --from=build /app/config /app/config
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    COUNTERSIGN_CONFIG=/app/config \
    COUNTERSIGN_DATA=/data \
    COUNTERSIGN_LISTEN=0.0.0.0:3000
USER 10001
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:3000/livez', timeout=2)"]
ENTRYPOINT ["countersign"]
CMD ["serve"]
