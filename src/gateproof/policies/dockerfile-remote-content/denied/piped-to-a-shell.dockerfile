FROM alpine:3.20
RUN apk add curl && curl -fsSL https://example.com/install.sh | sudo -E bash -s -- -y
