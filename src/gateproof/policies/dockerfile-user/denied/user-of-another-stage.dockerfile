FROM debian:12-slim AS base
USER 1000

FROM alpine:3.20
COPY --from=base /etc /etc
