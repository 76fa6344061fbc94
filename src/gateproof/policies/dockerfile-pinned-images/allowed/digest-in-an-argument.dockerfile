# syntax=docker/dockerfile:1
ARG DIGEST=sha256:30a8fd2e785ab6176eed53f74769e04f125afb2f74a6c52aef7d463583b6d45e
FROM golang:1.23@${DIGEST} AS build
RUN --mount=type=bind,from=build,target=/x go build -o /app .

FROM scratch
COPY --from=build /app /app
COPY --from=0 /etc/ssl /etc/ssl
