# The program alone in an empty image: nothing else is in there, no shell and no package. 'make image'
# builds it with whatever is here, docker, podman or buildah.
#
#   docker run -v school:/data -p 8443:8443 taller
#
# It runs as user 10001 on a read-only root and writes to /data alone. Machines ask at port 9090.

# Where the program comes from: compiled here (a minute or two), or 'ready', out of build/image.
ARG PROGRAM=compiled
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS compiled
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends make >/dev/null
WORKDIR /src
COPY src/deps src/deps
RUN src/deps/packages.sh install build
COPY . .
ARG COMMIT=unknown
RUN make COMMIT="$COMMIT" && install -D build/taller build/image/taller && \
    install -d -m 700 build/image/volume/data && mv build/image /image

FROM scratch AS ready
COPY build/image /image

FROM ${PROGRAM} AS program

FROM scratch
COPY --from=program /image/taller /taller
# A folder that a new volume takes its owner from.
COPY --from=program --chown=10001:10001 /image/volume/ /
ENV TALLER_DATA=/data TALLER_OPS=0.0.0.0:9090
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8443 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["/taller", "doctor", "--live"]
ENTRYPOINT ["/taller"]
CMD ["serve"]
