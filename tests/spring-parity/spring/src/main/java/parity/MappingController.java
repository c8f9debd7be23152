package parity;

import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.stereotype.Controller;

@Controller
@SendTo("/topic/out")
class MappingController {
    @MessageMapping("/m/literal/a")
    String literal() {
        return "literal";
    }

    @MessageMapping("/m/literal/{x}")
    String variable(@DestinationVariable String x) {
        return "variable " + x;
    }

    @MessageMapping("/m/literal/**")
    String catchAll() {
        return "catch-all";
    }

    @MessageMapping("/m/one/?")
    String oneCharacter() {
        return "one character";
    }

    @MessageMapping("/m/star/*")
    String star() {
        return "star";
    }

    @MessageMapping("/m/star/a*")
    String starAfterText() {
        return "star after text";
    }

    @MessageMapping("/m/stars/*/*")
    String stars() {
        return "stars";
    }

    @MessageMapping("/m/stars/{x}/end")
    String variableAndText(@DestinationVariable String x) {
        return "variable and text " + x;
    }

    @MessageMapping("/m/deep/**/end")
    String deep() {
        return "deep";
    }

    @MessageMapping("/m/glued/x{v}y")
    String glued(@DestinationVariable String v) {
        return "glued [" + v + "]";
    }

    @MessageMapping("/m/two/{a}-{b}")
    String twoInOneSegment(@DestinationVariable String a, @DestinationVariable String b) {
        return "two [" + a + "] [" + b + "]";
    }

    @MessageMapping("/m/regex/{id:[0-9]+}")
    String digits(@DestinationVariable int id) {
        return "digits " + id;
    }

    @MessageMapping("/m/regex/{name:[a-z]+}")
    String letters(@DestinationVariable String name) {
        return "letters " + name;
    }

    @MessageMapping("/m/file/{name}.{extension:[a-z]+}")
    String file(@DestinationVariable String name, @DestinationVariable String extension) {
        return "file " + name + " " + extension;
    }

    @MessageMapping({"/m/several/a", "/m/several/{x}/b"})
    String several() {
        return "several";
    }

    @MessageMapping("m/without-slash")
    String withoutSlash() {
        return "without slash";
    }

    @MessageMapping("/m/prefix/**")
    String prefix() {
        return "prefix";
    }

    @MessageMapping("/m/prefix/longer/**")
    String longerPrefix() {
        return "longer prefix";
    }

    @MessageMapping("/m/more/{a}/{b}")
    String twoVariables() {
        return "two variables";
    }

    @MessageMapping("/m/more/{a}/*")
    String variableAndStar() {
        return "variable and star";
    }
}
