package io.zaptrix.operations;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks a service on this machine whether it is ready, for images that have no shell to ask with; exits 0 if it is. */
final class HealthProbe {

    private static final int PATIENCE_MILLIS = 4_000;

    private HealthProbe() {}

    public static void main(String[] arguments) {
        String port = System.getenv().getOrDefault("SERVER_PORT", "8080");
        System.exit(isReady(Integer.parseInt(port)) ? 0 : 1);
    }

    static boolean isReady(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream()
                    .write("GET /actuator/health/readiness HTTP/1.0\r\nHost: localhost\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream answer = socket.getInputStream();
            return new String(answer.readNBytes(12), StandardCharsets.US_ASCII).endsWith(" 200");
        } catch (IOException notReady) {
            return false;
        }
    }
}
