FROM alpine:3.20
RUN bash <(wget -qO- https://example.com/install.sh)
