FROM alpine:3.20
ADD https://github.com/example/tool.git#11bd71901bbe5b1630ceea73d27597364c9af683 /src
RUN apk add --no-cache curl | tee /tmp/log
