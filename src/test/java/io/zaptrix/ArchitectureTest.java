package io.zaptrix;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.modulith.core.ApplicationModules;

/** The walls between the rooms. */
class ArchitectureTest {

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.zaptrix");

    @Test
    void roomsUseOnlyTheRoomsTheyMay() {
        ApplicationModules.of(Zaptrix.class).verify();
    }

    @Test
    void theRelayKnowsNeitherMetaNorBitrix24() {
        noClasses()
                .that()
                .resideInAPackage("io.zaptrix.relay..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.zaptrix.meta..", "io.zaptrix.bitrix24..", "io.zaptrix.portal..")
                .check(CODE);
    }

    /** Leases, due times and the age of what fails go by the database's clock and by {@code System.nanoTime()}. */
    @Test
    void noMachinesClockCountsInTheRelay() {
        noClasses()
                .that()
                .resideInAPackage("io.zaptrix.relay..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(InstantSource.class)
                .check(CODE);
    }

    @Test
    void nobodyKnowsTheSandbox() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.zaptrix.sandbox..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.zaptrix.sandbox..")
                .check(CODE);
    }

    @Test
    void dependenciesComeByConstructor() {
        noFields().should().beAnnotatedWith(Autowired.class).check(CODE);
    }
}
