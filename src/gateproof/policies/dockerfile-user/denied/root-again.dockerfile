FROM debian:12-slim
USER app
RUN make
USER root
ENTRYPOINT ["/app"]
