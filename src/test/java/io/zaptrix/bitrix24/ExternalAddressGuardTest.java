package io.zaptrix.bitrix24;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.bitrix24.ExternalAddressGuard.AddressRefused;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalAddressGuardTest {

    private final ExternalAddressGuard guard = new ExternalAddressGuard(false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.8.8",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::1",
                "::",
                "fe80::1",
                "febf::1",
                "fc00::1",
                "fd12:3456::1",
                "ff02::1",
                "fec0::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a00:1",
                "64:ff9b:1::1",
                "2002:7f00:1::1",
                "2002:c0a8:101::1",
                "2001::1",
                "2001:db8::1",
                "[::1]",
                "2130706433",
                "localhost"
            })
    void anInternalAddressIsRefusedHoweverItIsWritten(String host) {
        assertThatThrownBy(() -> guard.resolve(host)).isInstanceOf(AddressRefused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.15.0.1",
                "172.32.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "192.167.1.1",
                "11.0.0.1",
                "223.255.255.1",
                "2001:4860:4860::8888",
                "2a00:1450::1",
                "64:ff9b::808:808",
                "2002:808:808::1"
            })
    void anAddressOfTheInternetIsNot(String host) throws UnknownHostException {
        assertThat(guard.resolve(host)).containsExactly(InetAddress.getByName(host));
    }

    @Test
    void aNameIsRefusedForOneInternalAddressAmongOthers() {
        ExternalAddressGuard guard = new ExternalAddressGuard(false, dns("8.8.8.8", "10.0.0.7"));

        assertThatThrownBy(() -> guard.resolve("rebinding.example")).isInstanceOf(AddressRefused.class);
        assertThatThrownBy(() -> guard.check(URI.create("https://rebinding.example/rest/")))
                .isInstanceOf(AddressRefused.class);
    }

    @Test
    void aNameWithoutAddressesIsUnknown() {
        assertThatThrownBy(() -> new ExternalAddressGuard(false, dns()).resolve("nowhere.example"))
                .isInstanceOf(UnknownHostException.class)
                .isNotInstanceOf(AddressRefused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://acme.example/rest/", "ftp://acme.example/", "https://user:secret@acme.example/rest/",
                "https:///rest/", "acme.example", "file:///etc/passwd"
            })
    void onlyPlainHttpsUrlsMayBeCalled(String url) {
        ExternalAddressGuard guard = new ExternalAddressGuard(false, dns("8.8.8.8"));

        assertThatThrownBy(() -> guard.check(URI.create(url))).isInstanceOf(AddressRefused.class);
        assertThatCode(() -> guard.check(URI.create("https://acme.example/rest/")))
                .doesNotThrowAnyException();
    }

    @Test
    void privateHostsMayBeAllowedButNeverTheCloudsMetadata() {
        ExternalAddressGuard lenient = new ExternalAddressGuard(true);

        assertThatCode(() -> lenient.check(URI.create("http://127.0.0.1:8080/rest/")))
                .doesNotThrowAnyException();
        assertThatCode(() -> lenient.check(URI.create("https://10.0.0.7/rest/")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> lenient.check(URI.create("http://169.254.169.254/latest/")))
                .isInstanceOf(AddressRefused.class);
    }

    private static DnsResolver dns(String... addresses) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) {
                return Arrays.stream(addresses).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }
}
