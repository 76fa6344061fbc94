FROM python:3.13-slim AS base
RUN useradd app
USER app

FROM base
COPY . /app
CMD ["python", "-m", "app"]
