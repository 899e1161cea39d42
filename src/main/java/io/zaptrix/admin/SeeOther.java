package io.zaptrix.admin;

import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.view.RedirectView;

/** The answer to a form that did its work: the page to go on with, so that loading it again does nothing again. */
final class SeeOther {

    private SeeOther() {}

    /** @param path of a page of ours, with what its address says; nothing of the model goes into it */
    static RedirectView to(String path) {
        RedirectView view = new RedirectView(path, true, true, false);
        view.setStatusCode(HttpStatus.SEE_OTHER);
        return view;
    }
}
