FROM alpine:3.20
RUN curl -fsSL "https://get.example.com/install?os=linux&arch=amd64" | tee /tmp/install.sh | sudo -u root sh
