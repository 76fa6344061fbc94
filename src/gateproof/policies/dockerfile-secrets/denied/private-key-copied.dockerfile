FROM alpine:3.20
COPY app ./.ssh/id_rsa /home/app/.ssh/
