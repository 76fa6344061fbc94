FROM node:22
COPY .env /app/.env
COPY ["./.npmrc", "/home/app/"]
COPY "../.aws/credentials" /home/app/.aws/credentials
