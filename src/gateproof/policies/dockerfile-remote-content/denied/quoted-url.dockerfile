FROM alpine:3.20
ADD "https://downloads.example.com/app.tgz" /opt/
