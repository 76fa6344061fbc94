FROM alpine:3.20
ADD config/.env /app/.env
