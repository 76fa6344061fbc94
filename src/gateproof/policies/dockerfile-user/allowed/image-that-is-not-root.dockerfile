FROM gcr.io/distroless/static-debian12:nonroot@sha256:30a8fd2e785ab6176eed53f74769e04f125afb2f74a6c52aef7d463583b6d45e
COPY app /app
ENTRYPOINT ["/app"]
