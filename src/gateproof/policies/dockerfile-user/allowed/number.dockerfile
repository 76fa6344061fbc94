FROM golang:1.23 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .

FROM debian:12-slim
COPY --from=build /app /app
USER 10001:10001
ENTRYPOINT ["/app"]
