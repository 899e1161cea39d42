# syntax=docker/dockerfile:1
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml ./
COPY frontend-templates frontend-templates
COPY db-changelog db-changelog
COPY src/main src/main
# Without the tests, which are run before an image is made; the cache keeps the libraries from build to build.
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -q package -Dmaven.test.skip=true \
 && java -Djarmode=tools -jar target/zaptrix-*.jar extract --layers --launcher --destination layers \
 && mkdir data

# With PostgreSQL inside (docker build --target embedded), whose initdb and pg_ctl work by a shell. For trying out.
FROM eclipse-temurin:25-jre-noble AS embedded
# The user needs an entry in /etc/passwd: the embedded PostgreSQL asks for its own name.
RUN groupadd --gid 10001 zaptrix \
 && useradd --uid 10001 --gid zaptrix --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zaptrix \
 && install -d -o zaptrix -g zaptrix -m 0700 /data
COPY LICENSE NOTICE /licenses/
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER zaptrix
ENV ZAPTRIX_DATA_DIR=/data \
    SERVER_PORT=8080 \
    MALLOC_ARENA_MAX=2 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=45 -Xms64m -Xmn48m -XX:+UseSerialGC -XX:ReservedCodeCacheSize=96m -XX:SweeperThreshold=60 -XX:MetaspaceSize=144m -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED"
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=3 \
  CMD ["java", "-Xmx16m", "-XX:TieredStopAtLevel=1", "-cp", "BOOT-INF/classes", "io.zaptrix.operations.HealthProbe"]
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]

# The service, with a database of its own beside it: a Java runtime and nothing else, no shell, no package manager.
FROM gcr.io/distroless/java25-debian13:nonroot AS service
LABEL org.opencontainers.image.title="Zaptrix" \
      org.opencontainers.image.description="WhatsApp Business numbers in Bitrix24 Open Channels" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE NOTICE /licenses/
COPY --from=build --chown=65532:65532 --chmod=0700 /build/data /data
WORKDIR /app
# From what changes least to what changes most.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
# Classes and compiled code take some 220 MB beside the heap, so less than half of 512 MB is for it. The serial collector
# suits so small a heap, and two arenas keep the C library from holding on to what it has been given back. The part for
# what is new has its size from the start: what is short-lived dies there, in pauses of some ten milliseconds, and the
# rest grows no further than by what lives. Without
# MetaspaceSize the collector stops everything four times while it starts, each time that the classes outgrow a threshold
# that they all pass in the end; without SweeperThreshold it stops everything for a quarter of a second now and then to
# see whether compiled code can go, of which there is little enough. The heap is written nowhere when it is full: it
# holds tokens and what customers wrote.
ENV ZAPTRIX_DATA_DIR=/data \
    SERVER_PORT=8080 \
    MALLOC_ARENA_MAX=2 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=45 -Xms64m -Xmn48m -XX:+UseSerialGC -XX:ReservedCodeCacheSize=96m -XX:SweeperThreshold=60 -XX:MetaspaceSize=144m -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED"
EXPOSE 8080
# A small Java of its own, as there is no shell to ask with: some 40 MB for a third of a second.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=3 \
  CMD ["/usr/bin/java", "-Xmx16m", "-XX:TieredStopAtLevel=1", "-cp", "BOOT-INF/classes", "io.zaptrix.operations.HealthProbe"]
ENTRYPOINT ["/usr/bin/java", "org.springframework.boot.loader.launch.JarLauncher"]
