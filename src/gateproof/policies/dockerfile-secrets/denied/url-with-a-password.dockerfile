FROM node:22
ENV DATABASE_URL=postgres://cards:hunter2@db.internal:5432/cards
ENV PGPASSWORD=hunter2
