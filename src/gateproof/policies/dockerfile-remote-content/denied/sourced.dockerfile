FROM alpine:3.20
SHELL ["/bin/bash", "-c"]
RUN . <(curl -fsSL https://get.example.com/env.sh)
