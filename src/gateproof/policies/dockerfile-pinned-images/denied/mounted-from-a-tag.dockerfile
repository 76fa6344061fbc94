FROM debian@sha256:30a8fd2e785ab6176eed53f74769e04f125afb2f74a6c52aef7d463583b6d45e
RUN --mount=type=bind,from=node:22,target=/node cp -r /node /opt
