FROM alpine:3.20
ARG URL
ADD $URL /tmp/
