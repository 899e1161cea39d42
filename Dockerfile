# syntax=docker/dockerfile:1
FROM maven:3.9.11-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml .
RUN mvn -B -ntp -q dependency:go-offline
COPY src src
COPY frontend-templates frontend-templates
COPY db-changelog db-changelog
# The tests need no image; CI has run them.
RUN mvn -B -ntp -q package -DskipTests \
 && java -Djarmode=tools -jar target/zaptrix-*.jar extract --layers --launcher --destination layers

FROM eclipse-temurin:25-jre
RUN groupadd --gid 10001 zaptrix \
 && useradd --uid 10001 --gid zaptrix --no-create-home --shell /usr/sbin/nologin zaptrix \
 && install -d -o zaptrix -g zaptrix /app /data
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER zaptrix
ENV ZAPTRIX_DATA_DIR=/data \
    SERVER_PORT=8080 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED"
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT} && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
