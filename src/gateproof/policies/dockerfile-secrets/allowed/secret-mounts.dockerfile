FROM node:22 AS build
ARG NODE_ENV=production
ENV TOKEN_FILE=/run/secrets/token PORT=8080
COPY package.json .env-example ./
RUN --mount=type=secret,id=npmrc,target=/home/app/.npmrc --mount=type=cache,target=/home/app/.npm npm ci

FROM node:22
ENV DB_PASSWORD=""
COPY --from=build /app/.env.d /app
