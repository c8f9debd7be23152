package parity;

record Trade(String ticker, int shares) {
}
