package io.zaptrix.bitrix24;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Keeps calls to hosts that tenants name (portals, file links) away from this network. It is the HTTP client's DNS
 * resolver, so that the address that was checked is the one that is dialled: a name that resolves differently a moment
 * later gains nothing. A host is refused when any of its addresses is loopback, private, link-local, carrier-grade NAT,
 * unique-local, multicast, reserved, or an IPv6 wrapping of one of these.
 *
 * <p>Redirects are the caller's affair: they must be off, or be checked by {@link #check(URI)} one by one.
 */
public final class ExternalAddressGuard implements DnsResolver {

    private static final List<Block> INTERNAL = blocks(
            // IANA's special-purpose registries; what is global in them is not listed.
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/127",
            // IPv4 as SIIT wrote it.
            "::ffff:0:0:0/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            "5f00::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8");

    /** Where clouds keep their machines' credentials: never a portal, not even where private hosts are allowed. */
    private static final List<Block> METADATA = blocks("169.254.169.254/32", "fd00:ec2::254/128", "100.100.100.200/32");

    /** All that IANA has given out of IPv6. */
    private static final List<Block> GLOBAL_SIX = blocks("2000::/3");

    private static final List<Block> WRAPPING = blocks("::/96", "64:ff9b::/96");
    private static final List<Block> SIX_TO_FOUR = blocks("2002::/16");

    private final boolean allowPrivateHosts;
    private final DnsResolver dns;

    /** @param allowPrivateHosts lets everything through but the clouds' metadata addresses */
    public ExternalAddressGuard(boolean allowPrivateHosts) {
        this(allowPrivateHosts, SystemDefaultDnsResolver.INSTANCE);
    }

    ExternalAddressGuard(boolean allowPrivateHosts, DnsResolver dns) {
        this.allowPrivateHosts = allowPrivateHosts;
        this.dns = dns;
    }

    /**
     * Thrown in place of an address; a kind of {@link UnknownHostException} because that is what resolvers may throw.
     */
    public static final class AddressRefused extends UnknownHostException {

        AddressRefused(String host) {
            super("The host " + host + " is not on the public internet.");
        }
    }

    /**
     * The host's addresses, all of them checked.
     *
     * @throws AddressRefused when one of them is internal
     * @throws UnknownHostException when there are none
     */
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = dns.resolve(host);
        if (addresses == null || addresses.length == 0) {
            throw new UnknownHostException(host);
        }
        for (InetAddress address : addresses) {
            if (isRefused(address)) {
                throw new AddressRefused(host);
            }
        }
        return addresses;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    /**
     * Looks at an address before it is called: an HTTPS URL (plain HTTP only where private hosts are allowed) without
     * credentials in it, on port 443 or from 1024 on, whose host is not internal.
     *
     * @throws AddressRefused when it must not be called
     * @throws UnknownHostException when its host has no address
     */
    public void check(URI uri) throws UnknownHostException {
        checkForm(uri);
        resolve(uri.getHost());
    }

    /** As {@link #check(URI)}, without asking DNS: for callers whose client resolves through this guard anyway. */
    void checkForm(URI uri) throws AddressRefused {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean schemeFits = scheme.equals("https") || allowPrivateHosts && scheme.equals("http");
        if (!schemeFits || uri.getHost() == null || uri.getRawUserInfo() != null || !portFits(uri.getPort())) {
            throw new AddressRefused(String.valueOf(uri.getHost()));
        }
    }

    /** Where web servers are: not the mail, the shell or the directory of somebody else. */
    private boolean portFits(int port) {
        return allowPrivateHosts || port == -1 || port == 443 || port >= 1024;
    }

    private boolean isRefused(InetAddress address) {
        byte[] bytes = unwrapped(address);
        return allowPrivateHosts
                ? contains(METADATA, bytes)
                : contains(INTERNAL, bytes) || bytes.length == 16 && !contains(GLOBAL_SIX, bytes);
    }

    /** The IPv4 address inside an IPv6 one (NAT64, 6to4, IPv4-compatible), or the address itself. */
    private static byte[] unwrapped(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet6Address six) {
            if (six.isAnyLocalAddress() || six.isLoopbackAddress()) {
                return bytes;
            }
            if (contains(WRAPPING, bytes)) {
                return Arrays.copyOfRange(bytes, 12, 16);
            }
            if (contains(SIX_TO_FOUR, bytes)) {
                return Arrays.copyOfRange(bytes, 2, 6);
            }
        }
        return bytes;
    }

    private static boolean contains(List<Block> blocks, byte[] address) {
        return blocks.stream().anyMatch(block -> block.contains(address));
    }

    private static List<Block> blocks(String... blocks) {
        return Arrays.stream(blocks).map(Block::of).toList();
    }

    /** Addresses that share their first bits. */
    private record Block(byte[] network, int bits) {

        static Block of(String text) {
            int slash = text.indexOf('/');
            String address = text.substring(0, slash);
            InetAddress network =
                    address.contains(":") ? Inet6Address.ofLiteral(address) : Inet4Address.ofLiteral(address);
            return new Block(network.getAddress(), Integer.parseInt(text.substring(slash + 1)));
        }

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((address[bit >> 3] & mask) != (network[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
