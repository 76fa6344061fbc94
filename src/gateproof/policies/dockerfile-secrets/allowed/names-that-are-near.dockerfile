FROM alpine:3.20
COPY public.pem /etc/
ENV KEYBOARD us
