FROM alpine:3.20
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool.tar.gz /tmp/
ADD rootfs.tar.gz /
RUN curl -fsSLo /tmp/install.sh https://example.com/install.sh \
 && echo "abc  /tmp/install.sh" | sha256sum -c - \
 && sh /tmp/install.sh
