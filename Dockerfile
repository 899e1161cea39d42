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
 && java -Djarmode=tools -jar target/zaptrix-*.jar extract --layers --launcher --destination layers

FROM eclipse-temurin:25-jre-noble
LABEL org.opencontainers.image.title="Zaptrix" \
      org.opencontainers.image.description="WhatsApp Business numbers in Bitrix24 Open Channels" \
      org.opencontainers.image.licenses="Apache-2.0"
# The user needs an entry in /etc/passwd: the embedded PostgreSQL asks for its own name.
RUN groupadd --gid 10001 zaptrix \
 && useradd --uid 10001 --gid zaptrix --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zaptrix \
 && install -d -o zaptrix -g zaptrix -m 0700 /data
COPY LICENSE NOTICE /licenses/
WORKDIR /app
# From what changes least to what changes most.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER zaptrix
# Classes and compiled code take some 220 MB beside the heap, so less than half of 512 MB is for it. The serial collector
# suits so small a heap, and two arenas keep the C library from holding on to what it has been given back.
ENV ZAPTRIX_DATA_DIR=/data \
    SERVER_PORT=8080 \
    MALLOC_ARENA_MAX=2 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=45 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=96m -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED"
EXPOSE 8080
# By bash itself, as the image need not have curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT} && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
