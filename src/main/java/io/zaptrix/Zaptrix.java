package io.zaptrix;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The gateway between WhatsApp Business numbers and Bitrix24 Open Channels. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class Zaptrix {

    public static void main(String[] args) {
        SpringApplication.run(Zaptrix.class, args);
    }
}
