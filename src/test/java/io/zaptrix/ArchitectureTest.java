package io.zaptrix;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
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
