package parity;

/** What handlers throw. */
class Failures {
    /** Handled by the controller that throws it. */
    static class Own extends RuntimeException {
    }

    /** More precise than {@link Own}. */
    static class Precise extends Own {
    }

    /** Says more than its type. */
    static class Detailed extends RuntimeException {
        final int detail;

        Detailed(int detail) {
            this.detail = detail;
        }
    }

    /** Has another failure as its cause. */
    static class Wrapper extends RuntimeException {
        Wrapper(Throwable cause) {
            super(cause);
        }
    }

    /** Handled everywhere. */
    static class Everywhere extends RuntimeException {
    }

    /** Handled nowhere. */
    static class Nowhere extends RuntimeException {
    }
}
