FROM node:22
COPY .env /app/.env
COPY ["./.npmrc", "/root/"]
COPY "../.aws/credentials" /root/.aws/credentials
