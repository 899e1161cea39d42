package io.zaptrix;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The gateway between WhatsApp Business numbers and Bitrix24 Open Channels. */
@SpringBootApplication
public class Zaptrix {

    public static void main(String[] args) {
        SpringApplication.run(Zaptrix.class, args);
    }
}
